import type { Role } from "./caller";
import CONDITIONS from "./conditions.json";
import REASONS from "./reasons.json";

export type Language = "ja" | "en";
export type Availability = "ALWAYS" | "PER_MEMBER" | "NEVER";

/** What the page says, in whole sentences. GraphiQL's own labels are English everywhere. */
export interface Words {
  readonly language: Language;
  readonly title: string;
  readonly tagline: string;
  readonly caller: string;
  readonly role: string;
  readonly roles: Readonly<Record<Role, string>>;
  readonly company: string;
  readonly groupOffice: string;
  readonly onBehalfOf: (processor: string, controller: string) => string;
  readonly member: string;
  readonly purpose: string;
  readonly implied: string;
  readonly ownPurposes: string;
  readonly otherPurposes: string;
  readonly token: string;
  readonly paste: string;
  readonly show: string;
  readonly hide: string;
  readonly forget: string;
  readonly getToken: string;
  readonly noToken: string;
  readonly checking: string;
  readonly refused: (code: string) => string;
  readonly expiresIn: (subject: string, time: string) => string;
  readonly expired: (subject: string) => string;
  readonly tokenFirst: string;
  readonly toDark: string;
  readonly toLight: string;
  readonly otherLanguage: string;
  readonly lens: string;
  readonly lensEmpty: string;
  readonly lensNothing: string;
  readonly lensBefore: string;
  readonly disclosed: string;
  readonly withheld: string;
  readonly share: (disclosed: number, total: number) => string;
  readonly whyWithheld: string;
  readonly field: string;
  readonly disclosedOfTotal: string;
  readonly withheldTimes: (count: number) => string;
  readonly jump: (path: string) => string;
  readonly noPaths: string;
  readonly morePaths: (count: number) => string;
  readonly decision: string;
  readonly access: string;
  readonly accessIntro: string;
  readonly accessEmpty: string;
  readonly search: string;
  readonly availability: Readonly<Record<Availability, string>>;
  readonly opensWith: string;
  readonly consentTo: (item: string) => string;
  readonly examples: string;
  readonly examplesIntro: string;
  readonly examplesEmpty: string;
  readonly open: (title: string) => string;
}

const en: Words = {
  language: "en",
  title: "Sekisho Workbench",
  tagline: "Personal data, by purpose and consent",
  caller: "Who asks, and for what",
  role: "Role",
  roles: { ANALYST: "Analyst", SERVICE: "Service", MEMBER: "Member", OFFICER: "Privacy officer" },
  company: "Company",
  groupOffice: "Group privacy office",
  onBehalfOf: (processor, controller) => `${processor} for ${controller}`,
  member: "Member",
  purpose: "Purpose",
  implied: "The role implies it.",
  ownPurposes: "Own purposes of the company",
  otherPurposes: "Purposes of the group",
  token: "Token",
  paste: "Paste a token",
  show: "Show",
  hide: "Hide",
  forget: "Forget",
  getToken: "Get a development token",
  noToken: "No token yet.",
  checking: "The token is being checked.",
  refused: (code) =>
    code ? `The server refuses this (${code}).` : "The server does not answer.",
  expiresIn: (subject, time) => `${subject} · expires in ${time}`,
  expired: (subject) => `${subject} · expired`,
  tokenFirst: "Paste a token first, in the bar at the top of the page.",
  toDark: "Change to the dark theme",
  toLight: "Change to the light theme",
  otherLanguage: "日本語",
  lens: "Privacy lens",
  lensEmpty: "Run a query: here it is told what was disclosed, what was withheld, and why.",
  lensNothing: "The answer holds no personal data.",
  lensBefore: "Another purpose is chosen since: run the query again to ask for it.",
  disclosed: "disclosed",
  withheld: "withheld",
  share: (disclosed, total) => `${disclosed} of ${total} values are disclosed.`,
  whyWithheld: "Why withheld",
  field: "Field",
  disclosedOfTotal: "Disclosed",
  withheldTimes: (count) => `${count} withheld`,
  jump: (path) => `Go to ${path} in the result`,
  noPaths: "A company's systems are not told where; analysts are.",
  morePaths: (count) => `and ${count} more`,
  decision: "Decision",
  access: "What I may read",
  accessIntro: "What this purpose reaches, before any query: nobody's data is looked at.",
  accessEmpty: "With a token and a purpose, it is told here what they reach.",
  search: "Find a field",
  availability: {
    ALWAYS: "Always open",
    PER_MEMBER: "Depends on the member",
    NEVER: "Never open",
  },
  opensWith: "What opens it",
  consentTo: (item) => `Consent to ${item}`,
  examples: "Examples",
  examplesIntro: "Queries that run on the demo world, for the role of your token.",
  examplesEmpty: "With a token, queries for its role stand here.",
  open: (title) => `Open “${title}” in a new tab`,
};

const ja: Words = {
  language: "ja",
  title: "関所 ワークベンチ",
  tagline: "目的と同意による個人データの開示",
  caller: "だれが、なんのために",
  role: "役割",
  roles: {
    ANALYST: "分析担当者",
    SERVICE: "サービス",
    MEMBER: "会員本人",
    OFFICER: "プライバシー責任者",
  },
  company: "会社",
  groupOffice: "グループのプライバシー部門",
  onBehalfOf: (processor, controller) => `${processor}（${controller}の委託先）`,
  member: "会員",
  purpose: "利用目的",
  implied: "役割によって決まっています。",
  ownPurposes: "会社自身の目的",
  otherPurposes: "グループの目的",
  token: "トークン",
  paste: "トークンを貼り付け",
  show: "表示",
  hide: "隠す",
  forget: "破棄",
  getToken: "開発用トークンを取得",
  noToken: "トークンがありません。",
  checking: "トークンを確認しています。",
  refused: (code) =>
    code ? `サーバーが受け付けませんでした（${code}）。` : "サーバーが応答しません。",
  expiresIn: (subject, time) => `${subject} · 残り ${time}`,
  expired: (subject) => `${subject} · 期限切れ`,
  tokenFirst: "まず、画面上部のバーにトークンを貼り付けてください。",
  toDark: "暗い配色にする",
  toLight: "明るい配色にする",
  otherLanguage: "English",
  lens: "プライバシーレンズ",
  lensEmpty: "クエリを実行すると、開示された値、開示されなかった値とその理由がここに表示されます。",
  lensNothing: "この結果に個人データは含まれていません。",
  lensBefore: "別の利用目的が選択されています。その目的で問い合わせるには、もう一度実行してください。",
  disclosed: "開示",
  withheld: "非開示",
  share: (disclosed, total) => `${total}件のうち${disclosed}件が開示されています。`,
  whyWithheld: "非開示の理由",
  field: "項目",
  disclosedOfTotal: "開示",
  withheldTimes: (count) => `非開示 ${count}件`,
  jump: (path) => `結果の ${path} へ移動`,
  noPaths: "会社のシステムには位置が通知されません。分析担当者には通知されます。",
  morePaths: (count) => `ほか ${count}件`,
  decision: "判定番号",
  access: "閲覧できる項目",
  accessIntro: "クエリの前に、この目的で届く範囲を示します。だれのデータも参照しません。",
  accessEmpty: "トークンと利用目的を選ぶと、届く範囲がここに表示されます。",
  search: "項目を検索",
  availability: { ALWAYS: "常に開示", PER_MEMBER: "会員による", NEVER: "開示されない" },
  opensWith: "開示の条件",
  consentTo: (item) => `「${item}」への同意`,
  examples: "クエリの例",
  examplesIntro: "デモデータで実行できる、トークンの役割に応じたクエリです。",
  examplesEmpty: "トークンがあると、その役割に応じたクエリがここに表示されます。",
  open: (title) => `「${title}」を新しいタブで開く`,
};

export const WORDS: Readonly<Record<Language, Words>> = { ja, en };

type Meanings = Readonly<Record<string, Readonly<Record<Language, string>>>>;

const CODES: Meanings = { ...REASONS, ...CONDITIONS };

/** A code of the API as a person reads it; one that the page does not know stands for itself. */
export function meaningOf({ language }: Words, code: string): string {
  return CODES[code]?.[language] ?? code;
}
