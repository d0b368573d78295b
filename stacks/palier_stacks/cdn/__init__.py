"""CloudFront before the platform: cache, firewall, and the logic at the edge."""
