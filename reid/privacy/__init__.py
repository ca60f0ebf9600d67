"""Cover what a picture shows of others: vehicles, plates and faces."""
