"""What people do in Slack: buttons and the slash command, over Socket Mode."""
