"""Show the form for a picture: upload it, and crop it to the vehicle with a preview."""

import base64
from dataclasses import dataclass

import streamlit as st

from reid.errors import SeeingError
from reid.images import crop, decode_image, encode_jpeg, resize_to_fit
from reid.vehicle import Box, Image

KINDS = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]
PREVIEW_PX, PREVIEW_HEIGHT_PX = 900, 260
LEAST_PX = 16
"""A crop smaller than this, in either direction, shows too little to compare."""


@dataclass(frozen=True, slots=True)
class CropShares:
    """The crop of a picture, as shares of its width and height."""

    left: float
    right: float
    top: float
    bottom: float

    def box(self, image: Image) -> Box:
        """Return the crop in pixels of the picture."""
        height, width = image.shape[:2]
        return Box(
            x=self.left * width,
            y=self.top * height,
            width=(self.right - self.left) * width,
            height=(self.bottom - self.top) * height,
        )


def ask_picture() -> Image | None:
    """Show the upload and the crop; return the pixels of the vehicle, None while there is no usable picture."""
    file = st.file_uploader("Drop a picture of the vehicle here", type=KINDS, key="picture", max_upload_size=50)
    if file is None:
        st.html('<p class="rt-note">One picture is enough. The whole vehicle, cut close, compares best.</p>')
        return None
    try:
        image = decode_image(file.getvalue(), file.name)
        return _ask_crop(image)
    except SeeingError as error:
        st.error(str(error))
        return None


def crop_preview(image: Image, shares: CropShares) -> str:
    """Return the picture as HTML, dimmed outside the crop."""
    data = base64.b64encode(encode_jpeg(resize_to_fit(image, PREVIEW_PX), 85)).decode("ascii")
    width_share, height_share = shares.right - shares.left, shares.bottom - shares.top
    place = f"left:{shares.left:.2%};top:{shares.top:.2%};width:{width_share:.2%};height:{height_share:.2%}"
    height, width = image.shape[:2]
    size = f"aspect-ratio:{width}/{height};max-width:min(100%, {PREVIEW_HEIGHT_PX * width / height:.0f}px)"
    return (
        f'<div class="rt-cut" style="{size}">'
        f'<img src="data:image/jpeg;base64,{data}" alt="Your picture with the cut"><i style="{place}"></i></div>'
    )


def _ask_crop(image: Image) -> Image:
    height, width = image.shape[:2]
    preview = st.container()
    with st.expander("Cut the vehicle out of the picture"):
        across = st.slider("Left and right edge of the vehicle", 0, width, (0, width), key="across", format="%d px")
        down = st.slider("Top and bottom edge of the vehicle", 0, height, (0, height), key="down", format="%d px")
    shares = CropShares(across[0] / width, across[1] / width, down[0] / height, down[1] / height)
    preview.html(crop_preview(image, shares))
    box = shares.box(image)
    if box.width < LEAST_PX or box.height < LEAST_PX:
        raise SeeingError(f"the cut is {box.width:.0f} x {box.height:.0f} pixels, too small to compare: widen it")
    st.html(f'<p class="rt-note">Cut: <b>{box.width:.0f} x {box.height:.0f}</b> pixels.</p>')
    return crop(image, box)
