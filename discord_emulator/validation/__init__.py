"""Discord's rules for what it is sent, one file a kind of object; each refusal is a 50035 with its nested tree.

Limits come from https://discord.com/developers/docs; error codes from the answers of the real service.
"""
