"""聊天敏感词: rules of the corp about what members send."""

from collections.abc import Sequence
from typing import Any

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import InterceptRule, ListedRule
from siyu.connectors.wecom.transport import Transport


class InterceptRules(Transport):
    """At most 100 in a corp (41069)."""

    def add_intercept_rule(self, rule: InterceptRule) -> str:
        """Its rule_id. A creating call: look a lost one up by its name, which is unique (41077)."""
        path = "externalcontact/add_intercept_rule"
        body = {**_words(rule), "semantics_list": list(rule.semantics), "applicable_range": _range(rule.userids, rule.department_ids)}
        answer = self._call("POST", path, body, kind="create")
        if not answer.get("rule_id"):
            raise OutcomeUnknown(path, "success without rule_id")
        return str(answer["rule_id"])

    def intercept_rules(self) -> list[ListedRule]:
        return [ListedRule.read(row) for row in self._call("GET", "externalcontact/get_intercept_rule_list").get("rule_list") or ()]

    def intercept_rule(self, rule_id: str) -> InterceptRule:
        """One rule. `Refused` 41071: deleted; 41070: there never was one."""
        return InterceptRule.read(self._call("POST", "externalcontact/get_intercept_rule", {"rule_id": rule_id})["rule"])

    def update_intercept_rule(self, rule_id: str, old: InterceptRule, new: InterceptRule) -> None:
        """Make `new` of `old`, as it was read: the platform is told who comes under the rule and who no longer does."""
        come = _range([id for id in new.userids if id not in old.userids], [id for id in new.department_ids if id not in old.department_ids])
        go = _range([id for id in old.userids if id not in new.userids], [id for id in old.department_ids if id not in new.department_ids])
        body = {"rule_id": rule_id, **_words(new), "extra_rule": {"semantics_list": list(new.semantics)}}
        ranges = {"add_applicable_range": come, "remove_applicable_range": go}
        self._call("POST", "externalcontact/update_intercept_rule", body | {name: value for name, value in ranges.items() if value}, kind="write")

    def delete_intercept_rule(self, rule_id: str) -> None:
        self._call("POST", "externalcontact/del_intercept_rule", {"rule_id": rule_id}, kind="write")


def _words(rule: InterceptRule) -> dict[str, Any]:
    return {"rule_name": rule.name, "word_list": list(rule.words), "intercept_type": 1 if rule.blocks else 2}


def _range(userids: Sequence[str], department_ids: Sequence[int]) -> dict[str, Any]:
    return {name: list(ids) for name, ids in (("user_list", userids), ("department_list", department_ids)) if ids}
