/** How `<say-as>` text is handed to a synthesizer that knows no markup: written so that it is read as meant. */

/** `interpret` is `interpret-as`, or `type` in the plum dialect; unknown ones leave the text alone. */
export function readingOf(text: string, interpret: string): string {
  const [kind = ""] = interpret.toLowerCase().split(":");
  switch (kind.replace(/^vxml-?/, "")) {
    case "digits":
    case "characters":
    case "character":
    case "spell-out":
    case "letters":
    case "acronym":
      return [...text.replace(/\s+/g, "")].join(" ");
    case "telephone":
    case "phone":
      return [...text]
        .map((character) => (/\d/.test(character) ? `${character} ` : ", "))
        .join("")
        .trim();
    default:
      return text;
  }
}
