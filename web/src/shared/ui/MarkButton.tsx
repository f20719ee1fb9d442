import { TagsOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";

import { withWords } from "../i18n";
import { Permitted } from "../session";
import type { Whom } from "./MarkDialog";

const MarkDialog = lazy(() => withWords("markings", import("./MarkDialog")));

/** Opens the dialog that puts tags on customers and takes others off. */
export function MarkButton({ whom, label, small = false }: { whom: Whom; label: string; small?: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Permitted permission="markings.write">
        <Button icon={<TagsOutlined aria-hidden />} size={small ? "small" : "middle"} onClick={() => setOpen(true)}>
          {label}
        </Button>
      </Permitted>
      <Suspense fallback={null}>{open && <MarkDialog whom={whom} close={() => setOpen(false)} />}</Suspense>
    </>
  );
}
