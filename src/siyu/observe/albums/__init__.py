"""The products that members may send from WeCom's album (商品图册)."""
