// Tables of short customer messages in the national code pages of their languages, as old spreadsheets save them. The
// sentences are this file's own.

import { encode } from "./legacy-text.ts";

export interface LegacyTable {
  language: string;
  encoding: string;
  rows: number;
  text: string;
  bytes: Uint8Array;
}

const SENTENCES: Record<string, [encodings: string[], sentences: string]> = {
  German: [
    ["windows-1252"],
    "Die Lampe wackelt, schade für das Geld|Schnelle Hilfe, sehr höflich|Wann öffnet die Filiale am Samstag?|Der Schlüssel paßt nicht ins Schloß|Alles in Ordnung, gerne wieder|Bitte schicken Sie die Rechnung später|Das Gerät läuft ohne Geräusche|Mir fehlt noch ein Stück",
  ],
  French: [
    ["windows-1252"],
    "Le colis est arrivé abîmé|Très bon accueil, merci|Où puis-je changer mon adresse ?|La boîte était vide à l'ouverture|Je suis déçu par la qualité|Livraison rapide et soignée|Ça marche à nouveau, bravo|Pourriez-vous me rappeler demain ?",
  ],
  Spanish: [
    ["windows-1252"],
    "El pedido llegó roto|La señora del teléfono fue muy amable|¿Cuándo abre la tienda mañana?|Todavía no tengo respuesta|Funciona muy bien, gracias|Quisiera cambiar la contraseña|Demasiado caro para lo que ofrece|Rápido y sin ningún problema",
  ],
  Portuguese: [
    ["windows-1252"],
    "O produto veio com defeito e não liga|Atendimento ótimo, voltarei|Como faço a devolução?|Ainda não recebi o código|Gostei muito da apresentação|A caixa chegou amassada|Preciso falar com alguém amanhã|Preço justo e boa qualidade",
  ],
  Polish: [
    ["windows-1250"],
    "Paczka przyszła uszkodzona|Bardzo miła obsługa|Kiedy dostanę zwrot pieniędzy?|Sprzęt działa świetnie|Nie mogę się zalogować|Proszę o fakturę na firmę|Już drugi raz brakuje części|Szybko i bez kłopotów",
  ],
  Czech: [
    ["windows-1250"],
    "Zboží dorazilo poškozené|Velmi ochotná paní u přepážky|Kdy mi vrátíte peníze?|Přístroj funguje skvěle|Nemůžu se přihlásit|Chtěl bych změnit adresu|Už podruhé chybí součástka|Rychlé a bez potíží",
  ],
  Russian: [
    ["windows-1251", "koi8-r"],
    "Посылка пришла мятая|Очень вежливый продавец|Когда вернут деньги?|Прибор работает отлично|Не могу войти в личный кабинет|Хочу поменять адрес доставки|Опять не хватает детали|Быстро и без хлопот",
  ],
  Greek: [
    ["windows-1253"],
    "Το δέμα ήρθε σπασμένο|Πολύ ευγενική εξυπηρέτηση|Πότε θα πάρω τα χρήματά μου;|Η συσκευή δουλεύει τέλεια|Δεν μπορώ να συνδεθώ|Θέλω να αλλάξω διεύθυνση|Πάλι λείπει ένα κομμάτι|Γρήγορα και χωρίς προβλήματα",
  ],
  Turkish: [
    ["windows-1254"],
    "Paket kırık geldi|Çalışanlar çok nazikti|Param ne zaman geri ödenecek?|Cihaz gayet iyi çalışıyor|Hesabıma giriş yapamıyorum|Adresimi değiştirmek istiyorum|Yine bir parça eksik çıktı|Hızlı ve sorunsuz",
  ],
  Arabic: [
    ["windows-1256"],
    "وصل الطرد مكسورا|الموظفة لطيفة جدا|متى أسترجع نقودي؟|الجهاز يعمل بشكل ممتاز|لا أستطيع تسجيل الدخول|أريد تغيير العنوان|مرة أخرى تنقص قطعة|خدمة سريعة بلا مشاكل",
  ],
  Japanese: [
    ["shift_jis"],
    "箱がつぶれていました|店員さんがとても親切でした|返金はいつになりますか|とても使いやすいです|ログインできません|住所を変更したいです|また部品が足りません|早くて助かりました",
  ],
  Korean: [
    ["euc-kr"],
    "상자가 찌그러져서 왔어요|직원이 아주 친절했습니다|환불은 언제 되나요|기계가 잘 작동합니다|로그인이 되지 않아요|주소를 바꾸고 싶습니다|또 부품이 빠졌네요|빠르고 문제없었어요",
  ],
  "Simplified Chinese": [
    ["gb18030"],
    "收到的箱子压坏了|店员非常热情|什么时候可以退款|机器运转得很好|登录不上去|我想修改收货地址|又少了一个零件|很快，没有麻烦",
  ],
  "Traditional Chinese": [
    ["big5"],
    "收到的箱子壓壞了|店員非常熱情|什麼時候可以退款|機器運轉得很好|登入不進去|我想修改收貨地址|又少了一個零件|很快，沒有麻煩",
  ],
};
const LABELS = ["bad", "good", "question"];

/** A table for each language, code page and number of rows. Long tables repeat their sentences with numbers. */
export function legacyTables(lengths: readonly number[]): LegacyTable[] {
  return Object.entries(SENTENCES).flatMap(([language, [encodings, joined]]) =>
    encodings.flatMap((encoding) =>
      lengths.map((rows) => {
        const sentences = joined.split("|");
        const lines = Array.from({ length: rows }, (_, row) => {
          const text = sentences[row % sentences.length] as string;
          const number = row < sentences.length ? "" : ` ${row}`;
          return `"${text}${number}",${LABELS[row % LABELS.length]}`;
        });
        const text = `text,label\r\n${lines.join("\r\n")}\r\n`;
        return { language, encoding, rows, text, bytes: encode(text, encoding) };
      }),
    ),
  );
}
