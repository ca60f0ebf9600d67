"""Say how footage is analysed; apart, so that who only reads the settings loads nothing that decodes video."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How footage is analysed: one frame every `every_s` (0: each frame), in chunks of `chunk_s` of footage.

    `region` is where most plates are from, as DE or CN: their syntax then decides what the picture leaves open.
    `ray` is the address of a Ray cluster that does the work instead of `workers` processes of this machine.
    """

    workers: int = 1
    detector: str = "learned"
    weights: str = "appearance"
    every_s: float = 0.1
    chunk_s: float = 240.0
    plates: bool = True
    region: str | None = None
    ray: str | None = None

    @property
    def changed(self) -> tuple[str, ...]:
        """Return what is not as usual, as "every_s = 2 (else 0.1)": such settings may have come with an archive."""
        usual = IngestOptions()
        names = [field.name for field in fields(self) if getattr(self, field.name) != getattr(usual, field.name)]
        return tuple(f"{name} = {getattr(self, name)} (else {getattr(usual, name)})" for name in names)
