"""Running the site: what has to happen now and then, and what an operator watches."""
