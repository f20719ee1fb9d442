import { useTranslation } from "react-i18next";

import { Go } from "./Go";

/** A customer by name, leading to the customer's page; someone without a name is called by a number. */
export function PersonLink({ id, name, avatar = false }: { id: string; name: string | null | undefined; avatar?: boolean }) {
  const { t } = useTranslation();
  const shown = name || t("customers.nameless", { number: id.slice(-6) });
  return (
    <Go to={`/customers/${id}`} className="person">
      {avatar ? (
        <>
          <span className="face" aria-hidden>
            {shown.slice(-2)}
          </span>
          {shown}
        </>
      ) : (
        shown
      )}
    </Go>
  );
}
