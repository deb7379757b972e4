/**
 * Letters and frequent words of languages with an alphabet, for telling their code pages apart. Counted in the
 * Universal Declaration of Human Rights of each language. Holds numbers only; encoding-score.ts weighs them.
 */
export interface Alphabet {
  name: string;
  /** The usual code page of the language. */
  encoding: string;
  /** The share of the commonest letter among all letters. */
  share: number;
  /** Letters, the commonest first. A space halves the frequency. */
  letters: string;
  /** Frequent words, for languages in Latin script. */
  words: string;
}

export const ALPHABETS: readonly Alphabet[] = [
  {
    name: "English",
    encoding: "windows-1252",
    share: 0.124,
    letters: "etnoair shldc fumgyp bvw  k qj x z éèñïöüçâêà",
    words: "the and of to in right be everyone or has shall his any for is by",
  },
  {
    name: "German",
    encoding: "windows-1252",
    share: 0.175,
    letters: "en ritdashu lgc fombkz wvä üpjö ß   yx",
    words: "und der die zu auf das jeder hat oder in werden durch ist den darf eine",
  },
  {
    name: "French",
    encoding: "windows-1252",
    share: 0.14,
    letters: "etinsa roludc épm v gfqbàhx ê yj è ù âôûçîëïœüÿæ",
    words: "à de et la des le les ou toute en sa que dans un une ne par",
  },
  {
    name: "Spanish",
    encoding: "windows-1252",
    share: 0.133,
    letters: "eaoinsr dlctu pm byhó gvfíq áj zú éx ñ ü",
    words: "de la en el los que tiene su toda por del las se como un una",
  },
  {
    name: "Portuguese",
    encoding: "windows-1252",
    share: 0.128,
    letters: "eoaisrd tnmu clp vgãçbh qfxá íéàzjê õó âú ô ü",
    words: "é de ser da todo tem ou em que do sua os será qualquer por dos uma",
  },
  {
    name: "Italian",
    encoding: "windows-1252",
    share: 0.138,
    letters: "ieaont rlds ucp mgzv bhfà q  è ùéò ìîó",
    words: "è di ogni della ha in il la essere alla che dei ed ad sua un una",
  },
  {
    name: "Dutch",
    encoding: "windows-1252",
    share: 0.203,
    letters: "en iartdo glhvs kjmcbzpw fu     yëïéöüèóáê",
    words: "de van en een het op zijn te in ieder heeft of worden om zal voor",
  },
  {
    name: "Swedish",
    encoding: "windows-1252",
    share: 0.092,
    letters: "aternlis dgoäkhmv föuc åpb yj     wxéü",
    words: "och till att eller av för har som de är alla lika en med skall på",
  },
  {
    name: "Danish",
    encoding: "windows-1252",
    share: 0.166,
    letters: "er ntlidasgo fkhmv ub æpåøy j c   éö",
    words: "og til har at af eller enhver for de på er der en skal som med",
  },
  {
    name: "Finnish",
    encoding: "windows-1252",
    share: 0.127,
    letters: "aitens klouä mjvhyr pd ö   g  få",
    words: "ja on tai sekä ei hänen kun kaikkien sen ovat että vastaan jotka heidän kaikki tässä",
  },
  {
    name: "Icelandic",
    encoding: "windows-1252",
    share: 0.098,
    letters: "arnieslt gumðfk vohþdjá íéóöybæ p úý z  c",
    words: "og að til er eða sem skal þess maður fyrir um við þeim ber hver menn",
  },
  {
    name: "Catalan",
    encoding: "windows-1252",
    share: 0.126,
    letters: "eaitslnr ocdu pm vgbó qféhà èíjx úç òy zï ü",
    words: "de la en el que per tota les seva els no dels una un del al",
  },
  {
    name: "Polish",
    encoding: "windows-1250",
    share: 0.092,
    letters: "oaienwzr cysdpktu jlmłbg żhąóśę ć ń  ź  f",
    words: "do ma każdy lub nie jego na jest się że oraz bez to mają wszystkich aby",
  },
  {
    name: "Czech",
    encoding: "windows-1250",
    share: 0.094,
    letters: "oneavt sáidrlkpmíub zhcjyéěýž čřš ů ú  ťgň fď ó",
    words: "na má nebo každý být se jeho aby že je ve mají své za proti pro",
  },
  {
    name: "Slovak",
    encoding: "windows-1250",
    share: 0.107,
    letters: "oane ivrstkdálmp ubhzcjýy žčéúťš íľ ô  ňg ďf űóäĺŕ",
    words: "na má alebo každý sa byť jeho je ktoré aby že ako majú všetky za pre",
  },
  {
    name: "Hungarian",
    encoding: "windows-1250",
    share: 0.115,
    letters: "eastnl kziémgoá ryvbdj hőö cüófpíu  űú",
    words: "és az minden van hogy vagy valamint mind sem arra való lehet kell nem más mellett",
  },
  {
    name: "Romanian",
    encoding: "windows-1250",
    share: 0.125,
    letters: "eiart nluocspă dmţ şvbîfg âz  jxh",
    words: "şi de în la orice sau are să care nu fie se fi au sa pentru",
  },
  {
    name: "Croatian",
    encoding: "windows-1250",
    share: 0.125,
    letters: "aoine jvrustdlmkp b zčg šžcćh đ",
    words: "na da ili se su ne za bilo biti je kao koji od koja svoje tako",
  },
  {
    name: "Albanian",
    encoding: "windows-1250",
    share: 0.105,
    letters: "etëiran shjdmoku plvgb fq zyc ç  x",
    words: "të dhe në ka për gjithkush që ose drejtë me si duhet nga drejtën nuk një",
  },
  {
    name: "Russian",
    encoding: "windows-1251",
    share: 0.109,
    letters: "оеиантвс рлд пмкяубыьгчж йзхющ ц ш эф ъё",
    words: "",
  },
  {
    name: "Ukrainian",
    encoding: "windows-1251",
    share: 0.101,
    letters: "оаніивт рседупля мкбзюгьж хчїцйє ш щ ф  ґ",
    words: "",
  },
  {
    name: "Bulgarian",
    encoding: "windows-1251",
    share: 0.12,
    letters: "аоиенвт срд клпбзчя мъугж щцй хш ю ф",
    words: "",
  },
  {
    name: "Serbian",
    encoding: "windows-1251",
    share: 0.128,
    letters: "аоие нврустдп кмлјб зчњгш цљжх ђћ    фџ",
    words: "",
  },
  {
    name: "Belarusian",
    encoding: "windows-1251",
    share: 0.177,
    letters: "а ныі рвеосдялкпцумтб зўгчьх жюйэш  ё ф",
    words: "",
  },
  {
    name: "Greek",
    encoding: "windows-1253",
    share: 0.113,
    letters: "αιετον κρσηπςυί μδλθωέάήό γχώύ ξφβ ζ  ψ  ϊΐϋΰ",
    words: "",
  },
  {
    name: "Turkish",
    encoding: "windows-1254",
    share: 0.121,
    letters: "eairln kmıtds hyuvbş üozçg cğöf p    âjîû",
    words: "ve bir veya her bu olarak herkes bütün için hiç ile kimse herhangi herkesin tam hiçbir",
  },
  {
    name: "Hebrew",
    encoding: "windows-1255",
    share: 0.138,
    letters: "ויהל אתבשרכ דמעחםנזפ סןקגצ טףך   ץ",
    words: "",
  },
  {
    name: "Arabic",
    encoding: "windows-1256",
    share: 0.158,
    letters: "ال يموتن ةرعدقأحهفبس كجإ شخضصىذز طءغً ئظث آ ؤّ ُ",
    words: "",
  },
  {
    name: "Persian",
    encoding: "windows-1256",
    share: 0.144,
    letters: "ادير موهنتب کقسشلعحز جخآ فگٔص ضطئچذپ ظً ثغ ژ ِٕأء",
    words: "",
  },
  {
    name: "Lithuanian",
    encoding: "windows-1257",
    share: 0.154,
    letters: "ias treonkmu vlpg jdybėųąž šįęū c č z f h",
    words: "ir kiekvienas ar kad savo tai kaip jis su nuo be nors kai bei jog arba",
  },
  {
    name: "Latvian",
    encoding: "windows-1257",
    share: 0.108,
    letters: "iasteu nrīābvkpm oldzjc ēšg ņ ūļ ģķ fž  čh",
    words: "un ir uz vai ar kā ka pret arī no par tā bez lai tikt pie",
  },
  {
    name: "Estonian",
    encoding: "windows-1257",
    share: 0.117,
    letters: "aeistlu nkdmo rvgõjh pbä ü ö   f šž",
    words: "ja on ei oma et mis kui kõik see mida nii ta nad selle kas seda",
  },
  {
    name: "Vietnamese",
    encoding: "windows-1258",
    share: 0.091,
    letters: "nhaic̣̀́t ugưêođôở vymâpbq l̃krd ăsx e",
    words: "do hay không như trong cho cơ con ai qua nhau nơi theo đi khi trên",
  },
  {
    name: "Thai",
    encoding: "windows-874",
    share: 0.069,
    letters: "ารนกอ่มิง ทะัด้สลเคยีวตแห จปบใุขชธืไพ ็ำศโูถภึ ษ์ญผๆฏฐ ณซ ฎฒ   ฉฤ",
    words: "",
  },
];
