/**
 * The costs of characters in Chinese, Japanese and Korean text, for telling their code pages apart. National standards
 * order characters by use: each has a first level of common ones, which the browser's decoder lists.
 */

/** The commonest characters of everyday text. They make up about two thirds of it. */
const SIMPLIFIED =
  "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运快慢坏差钱退货服务态度客服收订单买卖价速送请谢贵便宜质量";
const TRADITIONAL =
  "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運快慢壞差錢退貨服務態度客服收訂單買賣價速送請謝貴便宜質量";
const KANJI =
  "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法品送届早遅悪良商店員使買返交換注文電話対応画面壊質問料金";
const SYLLABLES =
  "이다는을에의고가지하은도기사한를로어그나리인자대시해서정아부있제라일수스들과전보게으면안구장상만주니우원여었것없요습합세네좋배송빨환불불품문데너무안왜언제가능까교감족친절직무료";

export interface EastAsian {
  encoding: string;
  costs: ReadonlyMap<string, number>;
}

export function eastAsianCosts(): EastAsian[] {
  return [
    { encoding: "gb18030", costs: chinese(SIMPLIFIED, "gb18030", 0xb0, 0xd7) },
    { encoding: "gb18030", costs: chinese(TRADITIONAL, "big5", 0xa4, 0xc6) },
    { encoding: "big5", costs: chinese(TRADITIONAL, "big5", 0xa4, 0xc6) },
    { encoding: "shift_jis", costs: japanese() },
    { encoding: "euc-kr", costs: korean() },
  ];
}

function chinese(common: string, encoding: string, from: number, to: number): Map<string, number> {
  const costs = unlisted();
  add(costs, level(encoding, from, to, encoding === "big5" ? 0x40 : 0xa1), 9.4);
  add(costs, common, 6.4);
  add(costs, "，。！？、：；（）“”《》「」", 4.5);
  return costs;
}

function japanese(): Map<string, number> {
  const costs = unlisted();
  add(costs, level("shift_jis", 0x88, 0x98, 0x40), 9.5);
  add(costs, KANJI, 7);
  add(costs, range(0x3041, 0x3093), 4.3);
  add(costs, range(0x30a1, 0x30fc), 5.2);
  add(costs, range(0xff61, 0xff9f), 9);
  add(costs, "、。！？「」・ー", 4.3);
  return costs;
}

function korean(): Map<string, number> {
  const costs = unlisted();
  for (const ideograph of range(0x4e00, 0x9fa5)) costs.set(ideograph, 14);
  add(costs, range(0xac00, 0xd7a3), 11);
  add(costs, level("euc-kr", 0xb0, 0xc8, 0xa1), 8);
  add(costs, SYLLABLES, 5);
  return costs;
}

/** Ideographs outside of the first level, and the full-width forms of ASCII. */
function unlisted(): Map<string, number> {
  const costs = new Map<string, number>();
  add(costs, range(0x4e00, 0x9fa5), 13);
  add(costs, range(0xff01, 0xff5e), 8);
  return costs;
}

function add(costs: Map<string, number>, characters: Iterable<string>, cost: number): void {
  for (const character of characters) costs.set(character, cost);
}

function range(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, at) => String.fromCharCode(from + at)).join("");
}

/** All two-byte characters of some lead bytes, by the browser's own decoder. */
function level(encoding: string, from: number, to: number, first: number): string {
  const bytes: number[] = [];
  for (let lead = from; lead <= to; lead++)
    for (let trail = first; trail <= 0xfe; trail++) if (trail !== 0x7f) bytes.push(lead, trail, 10);
  const text = new TextDecoder(encoding).decode(Uint8Array.from(bytes));
  return text.replace(/[^\p{L}]/gu, "");
}
