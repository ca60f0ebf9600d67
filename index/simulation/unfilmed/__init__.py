"""Put what cameras would have seen into an archive without filming it: noise fitted to what filmed cities gave."""
