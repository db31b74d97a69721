// Checks, before the pages start, whether this browser has what they need. If not, it says so in a sentence and lists
// browsers that do. It is written in the JavaScript of 2009 and contains its own texts, so that it runs where nothing
// else does, not even modules. Features that the pages can do without are not checked.
(function () {
  "use strict";

  var words = {
    en: {
      old: "This browser is too old for this page.",
      silent: "This browser cannot play the sounds of this listening test.",
      which: "Please update it, or open the same link in another browser: Chrome or Edge from version 87, Firefox from 90 and Safari from 15 will do.",
      setting: "Its Web Audio is missing or switched off, as in the Lockdown Mode of iPhones. Please open the same link in another browser: a current Chrome, Edge, Firefox or Safari will do.",
      broken: "A part of this page did not arrive.",
      network: "Please check the network and load the page again.",
      reload: "Reload"
    },
    de: {
      old: "Dieser Browser ist zu alt für diese Seite.",
      silent: "Dieser Browser kann die Klänge dieses Hörversuchs nicht abspielen.",
      which: "Bitte aktualisieren Sie ihn, oder öffnen Sie denselben Link in einem anderen Browser: Chrome oder Edge ab Version 87, Firefox ab 90 und Safari ab 15 sind geeignet.",
      setting: "Web Audio fehlt ihm oder ist ausgeschaltet, wie im Blockierungsmodus von iPhones. Bitte öffnen Sie denselben Link in einem anderen Browser: Aktuelle Versionen von Chrome, Edge, Firefox oder Safari sind geeignet.",
      broken: "Ein Teil dieser Seite ist nicht angekommen.",
      network: "Bitte prüfen Sie das Netz und laden Sie die Seite noch einmal.",
      reload: "Neu laden"
    },
    ar: {
      old: "هذا المتصفح قديم جدًا لهذه الصفحة.",
      silent: "لا يستطيع هذا المتصفح تشغيل أصوات اختبار الاستماع هذا.",
      which: "يُرجى تحديثه، أو فتح الرابط نفسه في متصفح آخر: يصلح Chrome أو Edge بدءًا من الإصدار 87، وFirefox من 90، وSafari من 15.",
      setting: "ميزة Web Audio غير موجودة أو متوقفة، كما في وضع المنع في أجهزة iPhone. يُرجى فتح الرابط نفسه في متصفح آخر: يصلح إصدار حديث من Chrome أو Edge أو Firefox أو Safari.",
      broken: "لم يصل جزء من هذه الصفحة.",
      network: "يُرجى التحقق من الاتصال بالشبكة وإعادة تحميل الصفحة.",
      reload: "إعادة التحميل"
    },
    es: {
      old: "Este navegador es demasiado antiguo para esta página.",
      silent: "Este navegador no puede reproducir los sonidos de esta prueba de escucha.",
      which: "Actualícelo o abra el mismo enlace en otro navegador: sirven Chrome o Edge desde la versión 87, Firefox desde la 90 y Safari desde la 15.",
      setting: "Le falta Web Audio o está desactivado, como en el modo de aislamiento de los iPhone. Abra el mismo enlace en otro navegador: sirve una versión actual de Chrome, Edge, Firefox o Safari.",
      broken: "Una parte de esta página no ha llegado.",
      network: "Compruebe la conexión y vuelva a cargar la página.",
      reload: "Volver a cargar"
    },
    fr: {
      old: "Ce navigateur est trop ancien pour cette page.",
      silent: "Ce navigateur ne peut pas lire les sons de ce test d’écoute.",
      which: "Mettez-le à jour, ou ouvrez le même lien dans un autre navigateur : Chrome ou Edge à partir de la version 87, Firefox à partir de 90 et Safari à partir de 15 conviennent.",
      setting: "Web Audio lui manque ou est désactivé, comme dans le mode Isolement des iPhone. Ouvrez le même lien dans un autre navigateur : une version récente de Chrome, Edge, Firefox ou Safari convient.",
      broken: "Une partie de cette page n’est pas arrivée.",
      network: "Vérifiez la connexion et rechargez la page.",
      reload: "Recharger"
    },
    ja: {
      old: "このブラウザは古いため、このページを表示できません。",
      silent: "このブラウザでは、この聴取テストの音を再生できません。",
      which: "ブラウザを更新するか、同じリンクを別のブラウザで開いてください。Chrome・Edgeは87以降、Firefoxは90以降、Safariは15以降で利用できます。",
      setting: "iPhoneのロックダウンモードのように、Web Audioがないか無効になっています。同じリンクを、最新のChrome、Edge、Firefox、Safariなど別のブラウザで開いてください。",
      broken: "このページの一部が届きませんでした。",
      network: "ネットワークを確認して、ページを再読み込みしてください。",
      reload: "再読み込み"
    },
    ko: {
      old: "이 브라우저는 너무 오래되어 이 페이지를 열 수 없습니다.",
      silent: "이 브라우저는 이 듣기 시험의 소리를 재생할 수 없습니다.",
      which: "브라우저를 업데이트하거나 같은 링크를 다른 브라우저에서 여세요. Chrome과 Edge는 87, Firefox는 90, Safari는 15 이상이면 됩니다.",
      setting: "iPhone의 차단 모드처럼 Web Audio가 없거나 꺼져 있습니다. 같은 링크를 최신 Chrome, Edge, Firefox, Safari 등 다른 브라우저에서 여세요.",
      broken: "이 페이지의 일부가 도착하지 않았습니다.",
      network: "네트워크를 확인하고 페이지를 다시 불러오세요.",
      reload: "새로 고침"
    },
    pt: {
      old: "Este navegador é demasiado antigo para esta página.",
      silent: "Este navegador não consegue tocar os sons deste teste de escuta.",
      which: "Atualize-o ou abra o mesmo link noutro navegador: servem o Chrome ou o Edge a partir da versão 87, o Firefox a partir da 90 e o Safari a partir da 15.",
      setting: "Falta-lhe o Web Audio ou está desligado, como no Modo de Isolamento dos iPhones. Abra o mesmo link noutro navegador: serve uma versão atual do Chrome, Edge, Firefox ou Safari.",
      broken: "Uma parte desta página não chegou.",
      network: "Verifique a ligação e recarregue a página.",
      reload: "Recarregar"
    },
    zh: {
      old: "此浏览器版本过旧，无法显示此页面。",
      silent: "此浏览器无法播放本听音测试的声音。",
      which: "请更新浏览器，或在其他浏览器中打开同一链接：Chrome或Edge 87及以上、Firefox 90及以上、Safari 15及以上均可。",
      setting: "此浏览器缺少Web Audio或已将其关闭，例如iPhone的锁定模式。请在其他浏览器中打开同一链接：当前版本的Chrome、Edge、Firefox或Safari均可。",
      broken: "此页面的一部分未能到达。",
      network: "请检查网络，然后重新加载页面。",
      reload: "重新加载"
    }
  };
  /** @type {{[name: string]: string}} */
  var said = words.en;
  var language = "en";
  for (var code in words) {
    if (code === String(navigator.language || navigator.userLanguage || "").toLowerCase().split("-")[0]) {
      language = code;
      said = words[/** @type {"en"} */ (code)];
    }
  }
  var script = document.currentScript;
  var plays = !(script && script.hasAttribute("data-silent"));

  /** @param {string} title @param {string} text @param {boolean} [reload] whether to offer a reload */
  function stop(title, text, reload) {
    if (document.documentElement.hasAttribute("data-stopped")) return;
    document.documentElement.setAttribute("data-stopped", "");
    document.documentElement.lang = language;
    document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
    function put() {
      var main = document.createElement("main");
      var heading = document.createElement("h1");
      var paragraph = document.createElement("p");
      heading.textContent = title;
      paragraph.textContent = text;
      main.className = "page only";
      main.appendChild(heading);
      main.appendChild(paragraph);
      if (reload) {
        var button = document.createElement("button");
        button.textContent = said.reload;
        button.onclick = function () { location.reload(); };
        main.appendChild(button);
      }
      document.body.textContent = "";
      document.body.appendChild(main);
    }
    if (document.body) put();
    else document.addEventListener("DOMContentLoaded", put);
  }

  /** @param {object} owner @param {string[]} names */
  function lacks(owner, names) {
    if (!owner) return true;
    for (var i = 0; i < names.length; i += 1) if (!(names[i] in owner)) return true;
    return false;
  }

  /** @param {Function} make */
  function constructs(make) {
    try {
      make();
      return true;
    } catch (problem) {
      return false;
    }
  }

  var isOld = lacks(document.createElement("script"), ["noModule"])
    || lacks(window, ["fetch", "Promise", "Map", "Set", "URL", "URLSearchParams", "DOMParser", "CustomEvent", "PointerEvent", "requestAnimationFrame"])
    || lacks(window.Element && Element.prototype, ["append", "closest", "toggleAttribute", "setPointerCapture"])
    || lacks(window.Array && Array.prototype, ["flatMap", "includes"]) || lacks(window.Object, ["fromEntries", "entries"])
    || lacks(window.String && String.prototype, ["padStart"]) || lacks(window.performance, ["now"]) || lacks(window.history, ["replaceState"])
    || !window.CSS || !CSS.supports("inset-inline", "0") || !constructs(function () { return new EventTarget(); });
  var isSilent = plays && lacks(window, ["AudioContext", "OfflineAudioContext", "AudioBufferSourceNode", "ConstantSourceNode"]);
  if (isOld) stop(said.old, said.which);
  else if (isSilent) stop(said.silent, said.setting);

  // What cannot be tested in advance appears as an error before a page is shown: unknown syntax, or a script that did
  // not arrive.
  /** @param {Event} event */
  function failed(event) {
    if (document.querySelector("main")) return;
    var part = event.target instanceof Element && event.target.tagName;
    if (part === "SCRIPT") stop(said.broken, said.network, true);
    else if (part !== "LINK" && part !== "IMG") stop(said.old, said.which);
  }
  window.addEventListener("error", failed, true);
  window.addEventListener("unhandledrejection", failed);
}());
