"""Know where and when: roads, cameras on roads, travel times, reachability and routes."""
