"""商品图册."""

from collections.abc import Iterator

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import AlbumProduct, Product
from siyu.connectors.wecom.transport import Transport


class Products(Transport):
    """The corp's album; an app changes only what it made."""

    def add_product(self, product: Product) -> str:
        """Its product_id. A creating call: look a lost one up by its number."""
        path = "externalcontact/add_product_album"
        answer = self._call("POST", path, product.body(), kind="create")
        if not answer.get("product_id"):
            raise OutcomeUnknown(path, "success without product_id")
        return str(answer["product_id"])

    def product(self, product_id: str) -> AlbumProduct:
        """One product. `Refused` 41074: deleted; 41075: there never was one."""
        return AlbumProduct.read(self._call("POST", "externalcontact/get_product_album", {"product_id": product_id})["product"])

    def products(self) -> Iterator[AlbumProduct]:
        for row in self._pages("externalcontact/get_product_album_list", {"limit": 100}, "product_list"):
            yield AlbumProduct.read(row)

    def update_product(self, product_id: str, product: Product) -> None:
        """Replace all of it."""
        self._call("POST", "externalcontact/update_product_album", {"product_id": product_id, **product.body()}, kind="write")

    def delete_product(self, product_id: str) -> None:
        self._call("POST", "externalcontact/delete_product_album", {"product_id": product_id}, kind="write")
