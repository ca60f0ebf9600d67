"""An address of Milvus that cannot be read is refused without its password."""

import pytest

from index.errors import ArchiveError
from index.store.vectors.milvus_client import connected


@pytest.mark.parametrize("url", ["milvus:me:s3cr3t@host", "milvus://me:s3cr/3t@host", "milvus:///me:s3cr3t"])
def test_a_password_in_a_mistyped_address_is_not_repeated(url: str) -> None:
    pytest.importorskip("pymilvus")
    with pytest.raises(ArchiveError, match="names no server") as refused:
        connected(url)
    assert "s3cr" not in str(refused.value)
