"""The pictures that are kept are what the pages look like, but for how a machine draws letters."""

from base64 import b64encode

import pytest

from tests.browser.screens import PICTURES, THERE, taken

AT_MOST = 0.2
"""Of the squares in which there is something. Another machine may draw letters a little wider."""
DIFFERENT = """
async ([ours, theirs]) => {
  const squares = async (data) => {
    const image = new Image();
    image.src = "data:image/png;base64," + data;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width / 16);
    canvas.height = Math.round(image.height / 16);
    const drawing = canvas.getContext("2d");
    drawing.drawImage(image, 0, 0, canvas.width, canvas.height);
    return drawing.getImageData(0, 0, canvas.width, canvas.height);
  };
  const [a, b] = [await squares(ours), await squares(theirs)];
  if (a.width !== b.width || a.height !== b.height) return 1;
  const apart = (left, right) =>
    Math.max(...[0, 1, 2].map((each) => Math.abs(left[each] - right[each])));
  const square = (of, at) => of.data.slice(at, at + 3);
  const often = new Map();
  for (let at = 0; at < b.data.length; at += 4) {
    const key = square(b, at).join();
    often.set(key, (often.get(key) || 0) + 1);
  }
  const paper = [...often].sort((one, other) => other[1] - one[1])[0][0].split(",");
  let different = 0, drawn = 0;
  for (let at = 0; at < b.data.length; at += 4) {
    if (apart(square(b, at), paper) > 16) drawn += 1;
    if (apart(square(a, at), square(b, at)) > 24) different += 1;
  }
  return different / drawn;
}
"""


@pytest.fixture(scope="module")
def blank(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def difference(blank, ours, theirs):
    return blank.evaluate(DIFFERENT, [b64encode(each).decode() for each in (ours, theirs)])


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_page_looks_as_it_did(world, chromium, blank, picture):
    """Where that is meant, `make screens` takes the pictures anew."""
    found = difference(blank, taken(world, chromium, picture), picture.file.read_bytes())
    assert found <= AT_MOST


@pytest.mark.parametrize(
    "style",
    [
        "h1 { margin: 4rem 0 }",
        "body { font-size: 1.4rem }",
        "nav.desks { display: none }",
        ":root { --paper: #888; --card: #888 }",
    ],
)
def test_what_moves_or_changes_colour_is_noticed(world, chromium, blank, style):
    for picture in PICTURES[:3]:
        changed = taken(world, chromium, picture, style)
        assert difference(blank, changed, picture.file.read_bytes()) > AT_MOST, picture.name


def test_no_picture_is_left_over():
    assert {file.name for file in THERE.iterdir()} == {picture.file.name for picture in PICTURES}
