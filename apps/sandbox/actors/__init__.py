"""What people do in their WeCom and WeChat clients. Each act changes the world and emits its callbacks."""
