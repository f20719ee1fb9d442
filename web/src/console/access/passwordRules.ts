import type { FormRule } from "antd";
import type { TFunction } from "i18next";

/** At least eight characters and no rule about their kinds; the server also refuses the most used passwords. */
export function passwordRules(t: TFunction): FormRule[] {
  return [
    { required: true, message: t("access.passwordMissing") },
    { min: 8, message: t("access.passwordShort") },
  ];
}
