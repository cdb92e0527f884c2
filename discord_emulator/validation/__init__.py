"""Discord's validation rules, one file for each kind of object; errors are 50035 with a nested tree.

Limits come from https://discord.com/developers/docs; error codes from responses of the real service.
"""
