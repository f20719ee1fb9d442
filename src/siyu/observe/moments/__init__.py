"""Moments (客户朋友圈) as WeCom keeps them: who published, who answered."""
