import { Link, useNavigate } from "@tanstack/react-router";
import { Button, type ButtonProps } from "antd";
import type { ComponentProps, MouseEvent, ReactNode } from "react";

import { parseSearch } from "../urlState";

type GoProps = Omit<ComponentProps<"a">, "href"> & { to: string; children?: ReactNode };

function split(to: string): [string, Record<string, string>] {
  const [path = "/", query = ""] = to.split("?");
  return [path, parseSearch(query)];
}

/** A link inside the console from a whole address, query included; preloads its page when pointed at. */
export function Go({ to, children, ...rest }: GoProps) {
  const [path, search] = split(to);
  return (
    <Link to={path} search={search as never} {...(rest as object)}>
      {children}
    </Link>
  );
}

/** Goes to a whole address, query included. */
export function useGo(): (to: string, options?: { replace?: boolean }) => void {
  const navigate = useNavigate();
  return (to, options = {}) => {
    const [path, search] = split(to);
    void navigate({ to: path, search, replace: options.replace } as never);
  };
}

/** A link that looks like a button; opens in a new tab like any link. */
export function GoButton({ to, children, ...rest }: Omit<ButtonProps, "href" | "onClick"> & { to: string }) {
  const go = useGo();
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <Button {...rest} href={to} onClick={follow}>
      {children}
    </Button>
  );
}
