"""What features share towards Discord: the command tree, posting icons, buttons that outlive restarts."""
