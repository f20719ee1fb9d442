import { LinkOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface PhonePreviewProps {
  sender: string;
  text: string;
  link?: { title: string; url: string } | null;
  /** How it reaches the customer, when not as a group send. */
  note?: string;
}

/** The message as the customer will see it in WeChat; always light, as most phones are. */
export function PhonePreview({ sender, text, link, note }: PhonePreviewProps) {
  const { t } = useTranslation();
  return (
    <figure className="phone" aria-label={t("broadcasts.preview")}>
      <div className="phone-top">{sender}</div>
      <div className="phone-chat">
        {text ? <Bubble sender={sender}>{withLink(text, t("broadcasts.previewLink"))}</Bubble> : <p className="phone-hint">{t("broadcasts.previewEmpty")}</p>}
        {link && (
          <Bubble sender={sender} card>
            <strong>{link.title || link.url}</strong>
            <span className="phone-link">
              <LinkOutlined aria-hidden /> {link.url}
            </span>
          </Bubble>
        )}
      </div>
      <figcaption className="phone-foot">{note ?? t("broadcasts.previewNote")}</figcaption>
    </figure>
  );
}

/** The place of the tracked link in a text, as WeChat underlines it. */
function withLink(text: string, words: string): ReactNode[] {
  return text.split("{link}").flatMap((part, index) =>
    index === 0
      ? [part]
      : [
          // oxlint-disable-next-line react/no-array-index-key -- the nth link of one text
          <span key={index} className="phone-inline-link">
            {words}
          </span>,
          part,
        ],
  );
}

function Bubble({ sender, card = false, children }: { sender: string; card?: boolean; children: ReactNode }) {
  return (
    <div className="phone-row">
      <span className="phone-face" aria-hidden>
        {sender.slice(-1)}
      </span>
      <div className={card ? "phone-bubble phone-card" : "phone-bubble"}>{children}</div>
    </div>
  );
}
