"""The WebSub subscriber: asks hubs, and listens for what they say."""
