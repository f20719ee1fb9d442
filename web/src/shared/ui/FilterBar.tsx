import { FilterOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
// The plain field alone: `Input` of the package brings all its kinds, which lists do without.
import Input from "antd/es/input/Input";
import { Children, type ReactNode, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { useUrlState } from "../urlState";

interface FilterBarProps {
  /** Keys of the address that these filters write; clearing removes them. */
  names: readonly string[];
  /** How many filters stand open; the others unfold. */
  open?: number;
  children: ReactNode;
}

/** The filters of a list. They live in the address, so that a list can be sent to a colleague and comes back with the browser's back. */
export function FilterBar({ names, open = 4, children }: FilterBarProps) {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const fields = Children.toArray(children);
  const used = names.filter((name) => state[name]);
  const [unfolded, setUnfolded] = useState(() => names.slice(open).some((name) => state[name]));
  return (
    <search className="filter-bar">
      {unfolded ? fields : fields.slice(0, open)}
      {fields.length > open && (
        <Button type="text" icon={<FilterOutlined aria-hidden />} aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
          {unfolded ? t("common.fewerFilters") : t("common.moreFilters")}
        </Button>
      )}
      {used.length > 0 && (
        <Button type="link" onClick={() => set(Object.fromEntries([...names, "cursor"].map((name) => [name, undefined])))}>
          {t("common.clearFilters")}
        </Button>
      )}
    </search>
  );
}

interface FieldProps {
  name: string;
  label: string;
}

/** Free text; written to the address when typing pauses or on Enter. */
export function SearchFilter({ name, label, placeholder }: FieldProps & { placeholder?: string }) {
  const [state, set] = useUrlState();
  const current = state[name] ?? "";
  // What is typed counts until the address changes under it.
  const [typed, setTyped] = useState({ text: current, over: current });
  const text = typed.over === current ? typed.text : current;
  useEffect(() => {
    if (text === current) return undefined;
    const timer = setTimeout(() => set({ [name]: text.trim() || undefined, cursor: undefined }), 400);
    return () => clearTimeout(timer);
  }, [text, current, name, set]);
  return (
    <Input
      className="filter-search"
      prefix={<SearchOutlined aria-hidden />}
      allowClear
      value={text}
      placeholder={placeholder ?? label}
      aria-label={label}
      onChange={(event) => setTyped({ text: event.target.value, over: current })}
      onPressEnter={() => set({ [name]: text.trim() || undefined, cursor: undefined })}
    />
  );
}

export interface Choice {
  value: string;
  label: string;
}

/** One of a few choices. */
export function SelectFilter({ name, label, options, width = 140, loading = false }: FieldProps & { options: Choice[]; width?: number; loading?: boolean }) {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const id = useId();
  return (
    <div className="filter-field">
      <label htmlFor={id}>{label}</label>
      <Select
        id={id}
        allowClear
        showSearch={options.length > 8 && { optionFilterProp: "label" }}
        style={{ width }}
        placeholder={t("common.any")}
        value={state[name] ?? null}
        loading={loading}
        options={options}
        onChange={(value: string | null) => set({ [name]: value ?? undefined, cursor: undefined })}
      />
    </div>
  );
}
