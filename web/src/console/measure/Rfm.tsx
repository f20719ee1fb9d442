import { ClusterOutlined, EditOutlined, TeamOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Col, Flex, Popover, Row, Segmented, Skeleton } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { usePreferences } from "@/shared/preferences";
import { Permitted } from "@/shared/session";
import { tint } from "@/shared/theme";
import { Sum } from "@/shared/ui/Amount";
import { Definition } from "@/shared/ui/Definition";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go, GoButton } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { address, useUrlState } from "@/shared/urlState";
import { useFormat, word } from "@/shared/words";

const Cutoffs = lazy(() => import("./Cutoffs"));
const SaveSegment = lazy(() => import("@/shared/ui/SaveSegment"));

type Grid = Schema<"RfmOut">;
type Target = { filter: Record<string, string>; name: string };

/** Recency by frequency as a grid of people, and the eight groups of the trade. */
export default function Rfm() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const [saving, setSaving] = useState<Target | null>(null);
  const grid = useQuery({ queryKey: ["rfm"], queryFn: () => body(client.GET("/api/rfm")) });
  return (
    <Page
      title={t("menu.rfm")}
      asOf={grid.data?.as_of}
      note={grid.data && t("measure.rfm.on", { day: grid.data.on })}
      actions={
        <Permitted permission="rfm.edit">
          <Button icon={<EditOutlined aria-hidden />} onClick={() => set({ edit: "cutoffs" })}>
            {t("measure.rfm.cutoffs")}
          </Button>
        </Permitted>
      }
    >
      <Loaded query={grid} skeleton={<Skeleton active paragraph={{ rows: 12 }} />}>
        {(data) =>
          data.names.every((name) => name.customers === 0) ? (
            <Panel>
              <EmptyState title={t("measure.rfm.empty")} purpose={t("measure.rfm.emptyPurpose")} action={{ label: t("imports.start"), to: "/imports", permission: "imports.write" }} />
            </Panel>
          ) : (
            <Flex vertical gap={16}>
              <Names grid={data} save={setSaving} />
              <GridCard grid={data} save={setSaving} />
            </Flex>
          )
        }
      </Loaded>
      <Suspense fallback={null}>
        {grid.data && state["edit"] === "cutoffs" && <Cutoffs key={grid.data.as_of} grid={grid.data} close={() => set({ edit: undefined })} />}
        {saving && <SaveSegment filter={saving.filter} suggestion={saving.name} close={() => setSaving(null)} />}
      </Suspense>
    </Page>
  );
}

function Names({ grid, save }: { grid: Grid; save: (target: Target) => void }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  return (
    <section aria-label={t("measure.rfm.names")} className="name-grid">
      {grid.names.map((group) => {
        const name = language === "zh-CN" ? group.zh : group.en;
        return (
          <Panel key={group.key} small className="kpi">
            <Flex justify="space-between" align="center">
              <span className="kpi-title">{name}</span>
              <Definition name={name}>{word("rfmNameNotes", group.key)}</Definition>
            </Flex>
            <Go to={address("/customers", { rfm_name: group.key })} className="kpi-link">
              <span className="sr-only">{t("common.openList", { name })}</span>
              <span className="kpi-value figure" title={format.count(group.customers).full}>
                {format.count(group.customers).short}
              </span>
              <span className="kpi-unit figure">{format.rate(group.share)}</span>
            </Go>
            <Flex justify="space-between" align="center" className="kpi-foot">
              <span>
                {t("measure.spent")} <Sum of={group.revenue} />
              </span>
              <Permitted permission="segments.edit">
                <Button size="small" type="link" aria-label={t("measure.rfm.saveNamed", { name })} onClick={() => save({ filter: { rfm_name: group.key }, name })}>
                  {t("measure.rfm.makeSegment")}
                </Button>
              </Permitted>
            </Flex>
          </Panel>
        );
      })}
    </section>
  );
}

function GridCard({ grid, save }: { grid: Grid; save: (target: Target) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [state, set] = useUrlState();
  const byMoney = state["show"] === "revenue";
  const people = grid.grid.flat().reduce((sum, cell) => sum + cell.customers, 0);
  const money = grid.grid.flat().reduce((sum, cell) => sum + Number(cell.revenue), 0);
  const share = (cell: Schema<"Cell">) => (byMoney ? Number(cell.revenue) / (money || 1) : cell.customers / (people || 1));
  const most = Math.max(...grid.grid.flat().map(share), 0.0001);
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} xxl={17}>
        <Panel
          title={t("measure.rfm.grid")}
          extra={
            <Segmented
              value={byMoney ? "revenue" : "people"}
              onChange={(value) => set({ show: value === "revenue" ? value : undefined })}
              options={[
                { value: "people", label: t("measure.byPeople") },
                { value: "revenue", label: t("measure.byRevenue") },
              ]}
            />
          }
        >
          <table className="rfm">
            <caption className="sr-only">{t("measure.rfm.caption")}</caption>
            <thead>
              <tr>
                <th scope="col" className="rfm-corner">
                  {t("measure.rfm.corner")}
                </th>
                {[1, 2, 3, 4, 5].map((f) => (
                  <th key={f} scope="col">
                    <div>F{f}</div>
                    <div className="rfm-bound">{t("measure.rfm.orders", { range: range(grid.bounds["f"]?.[f - 1]) })}</div>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[5, 4, 3, 2, 1].map((r) => (
                <tr key={r}>
                  <th scope="row">
                    <div>R{r}</div>
                    <div className="rfm-bound">{t("measure.rfm.days", { range: range(grid.bounds["r"]?.[r - 1]) })}</div>
                  </th>
                  {[1, 2, 3, 4, 5].map((f) => {
                    const cell = grid.grid[r - 1]?.[f - 1] ?? { customers: 0, revenue: "0" };
                    return (
                      <td key={f} style={{ background: cell.customers ? tint(share(cell) / most) : undefined }}>
                        <Cell cell={cell} r={r} f={f} main={byMoney ? format.sum(cell.revenue).short : format.count(cell.customers).short} share={format.rate(share(cell))} save={save} />
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      </Col>
      <Col xs={24} xxl={7}>
        <Bounds grid={grid} />
      </Col>
    </Row>
  );
}

function Cell({ cell, r, f, main, share, save }: { cell: Schema<"Cell">; r: number; f: number; main: string; share: string; save: (target: Target) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const filter = { rfm: `${r}-${f}` };
  const name = `R${r} F${f}`;
  return (
    <Popover
      trigger="click"
      title={name}
      content={
        <Flex vertical gap={8}>
          <span>{t("measure.rfm.cell", { people: format.count(cell.customers).full, revenue: format.sum(cell.revenue).full })}</span>
          <Flex gap={8}>
            <GoButton size="small" icon={<TeamOutlined aria-hidden />} to={address("/customers", filter)}>
              {t("measure.rfm.openCustomers")}
            </GoButton>
            <Permitted permission="segments.edit">
              <Button size="small" type="primary" icon={<ClusterOutlined aria-hidden />} onClick={() => save({ filter, name: t("measure.rfm.cellName", { name }) })}>
                {t("measure.rfm.makeSegment")}
              </Button>
            </Permitted>
          </Flex>
        </Flex>
      }
    >
      <button type="button" className="plain-button rfm-cell" disabled={cell.customers === 0}>
        <span className="sr-only">{name} </span>
        <strong className="figure">{main}</strong>
        <span className="figure rfm-share">{share}</span>
      </button>
    </Popover>
  );
}

function Bounds({ grid }: { grid: Grid }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = [5, 4, 3, 2, 1];
  return (
    <Panel title={t("measure.rfm.scores")} extra={<Definition name={t("measure.rfm.scores")}>{t(grid.cutoffs.mode === "fixed" ? "measure.rfm.modes.fixed" : "measure.rfm.modes.quintile")}</Definition>}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("measure.rfm.score")}</th>
            <th scope="col">{t("measure.rfm.recency")}</th>
            <th scope="col">{t("measure.rfm.frequency")}</th>
            <th scope="col">{t("measure.rfm.monetary")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((score) => (
            <tr key={score}>
              <th scope="row">{score}</th>
              <td>{range(grid.bounds["r"]?.[score - 1])}</td>
              <td>{range(grid.bounds["f"]?.[score - 1])}</td>
              <td>{range(grid.bounds["m"]?.[score - 1], (value) => format.sum(value).short)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">{t("measure.rfm.mean")}</th>
            <td>{grid.means["r"]?.toFixed(1)}</td>
            <td>{grid.means["f"]?.toFixed(1)}</td>
            <td>{format.sum(grid.means["m"]).short}</td>
          </tr>
          <tr>
            <th scope="row">{t("measure.rfm.median")}</th>
            <td>{grid.medians["r"]?.toFixed(1)}</td>
            <td>{grid.medians["f"]?.toFixed(1)}</td>
            <td>{format.sum(grid.medians["m"]).short}</td>
          </tr>
        </tbody>
      </table>
      <p className="page-note">{t("measure.rfm.highLow")}</p>
    </Panel>
  );
}

type Bound = number | string | null | undefined;

/** A score's least and greatest value; one value stands alone, an empty score is a dash. */
function range(bounds: readonly Bound[] | null | undefined, show: (value: number | string) => string = (value) => String(Number(value))): string {
  const [low, high] = bounds ?? [];
  if (low === null || low === undefined || high === null || high === undefined) return "–";
  return low === high ? show(low) : `${show(low)}–${show(high)}`;
}
