"""HTML as a tree: what is put into it is text, so nothing needs to be escaped by hand."""

from datetime import datetime
from xml.etree.ElementTree import Element, tostring

Child = Element | str


def el(tag: str, *children: Child, **attributes: str) -> Element:
    """One element. ``class_`` is the attribute class, ``data_label`` is data-label; an empty one is left out."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value}
    element = Element(tag, named)
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            element.append(child)
            last = child
        elif last is None:
            element.text = (element.text or "") + child
        else:
            last.tail = (last.tail or "") + child
    return element


def moment(when: datetime) -> Element:
    """A time that people read in UTC and programs to the second."""
    return el("time", f"{when:%Y-%m-%d %H:%M:%S} UTC", datetime=when.isoformat(timespec="seconds"))


def facts(*pairs: tuple[str, Child]) -> Element:
    """A list of names and what is so."""
    return el("dl", *(el("div", el("dt", name), el("dd", value)) for name, value in pairs))


def document(root: Element) -> bytes:
    return f"<!doctype html>\n{tostring(root, encoding='unicode', method='html')}".encode()
