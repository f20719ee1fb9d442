import { useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input, Modal, Select } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, client, type Schema } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { useCorps, useDepartments, useStaff } from "@/shared/useNames";
import { problemText, word } from "@/shared/words";
import { passwordRules } from "./passwordRules";

type Account = Schema<"AccountOut">;

interface Values {
  name: string;
  login: string;
  role: Schema<"RoleOut">["role"];
  password: string;
  staff_id?: string | null;
  department_ids?: string[];
}

interface EditorProps {
  account: Account | null;
  roles: Schema<"RoleOut">[];
  roleName: (role: string) => string;
  close: () => void;
}

/** Name, role and reach of an account; a new one also gets its first password. */
export default function AccountEditor({ account, roles, roleName, close }: EditorProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const role = Form.useWatch("role", form);
  const staff = useStaff();
  const departments = useDepartments();
  const isOneOfMany = useCorps().length > 0;
  const departmentName = (one: Schema<"DepartmentOut">) => (isOneOfMany ? t("common.ofCorp", { name: one.name, corp: one.corp_name ?? one.corp_id }) : one.name);
  const save = useAct({
    mutationFn: ({ name, login, role, password, staff_id, department_ids }: Values) =>
      account
        ? client.PATCH("/api/accounts/{id}", { params: { path: { id: account.id } }, body: { name, role, staff_id: staff_id ?? null, department_ids: department_ids ?? [] } })
        : client.POST("/api/accounts", { body: { name, login, role, password, staff_id: staff_id ?? null, department_ids: department_ids ?? [] } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["accounts"] });
      close();
    },
  });
  const problem = save.error instanceof ApiError ? problemText(save.error, t) : null;
  return (
    <Modal open title={account ? t("accounts.edit", { name: account.name }) : t("accounts.new")} okText={t("common.save")} cancelText={t("common.cancel")} confirmLoading={save.isPending} onCancel={close} onOk={() => form.submit()}>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={account ? { ...account, staff_id: account.scope.staff_id ?? null, department_ids: account.scope.department_ids ?? [] } : { role: "operator" }}
        onFinish={(values) => save.mutate(values)}
      >
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <Form.Item name="name" label={t("accounts.name")} rules={[{ required: true, whitespace: true, message: t("access.nameMissing") }]}>
          <Input autoFocus maxLength={60} />
        </Form.Item>
        {!account && (
          <>
            <Form.Item name="login" label={t("access.login")} rules={[{ required: true, whitespace: true, message: t("access.loginMissing") }]}>
              <Input autoComplete="off" maxLength={64} />
            </Form.Item>
            <Form.Item name="password" label={t("accounts.firstPassword")} extra={t("access.passwordNote")} rules={passwordRules(t)}>
              <Input.Password autoComplete="new-password" />
            </Form.Item>
          </>
        )}
        <Form.Item name="role" label={t("accounts.role")} extra={role ? word("roleNotes", role) : undefined}>
          <Select options={roles.map((one) => ({ value: one.role, label: roleName(one.role) }))} />
        </Form.Item>
        <Form.Item name="staff_id" label={t("accounts.staff")} extra={t("accounts.staffNote")}>
          <Select allowClear showSearch={{ optionFilterProp: "label" }} options={staff.data?.items.map((one) => ({ value: one.id, label: one.label })) ?? []} />
        </Form.Item>
        <Form.Item name="department_ids" label={t("accounts.departments")} extra={t("accounts.departmentsNote")}>
          <Select mode="multiple" allowClear showSearch={{ optionFilterProp: "label" }} options={departments.data?.map((one) => ({ value: one.id, label: departmentName(one) })) ?? []} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
