// Looks whether this browser can do what the pages need, before they begin, and says in a sentence if it cannot, and which
// ones can. It speaks the JavaScript of 2009 and has its words with it, so that it runs where nothing else does: not even
// modules are loaded there. What the pages can do without is not asked for here; they do without it.
(function () {
  "use strict";

  var words = {
    en: {
      old: "This browser is too old for this page.",
      silent: "This browser cannot play the sounds of this listening test.",
      which: "Please update it, or open the same link in another browser: Chrome or Edge from version 85, Firefox from 90 and Safari from 15 will do.",
      setting: "Its Web Audio is missing or switched off, as in the Lockdown Mode of iPhones. Please open the same link in another browser: a current Chrome, Edge, Firefox or Safari will do.",
      broken: "A part of this page did not arrive.",
      network: "Please check the network and load the page again.",
      reload: "Reload"
    },
    de: {
      old: "Dieser Browser ist zu alt für diese Seite.",
      silent: "Dieser Browser kann die Klänge dieses Hörversuchs nicht abspielen.",
      which: "Bitte aktualisieren Sie ihn, oder öffnen Sie denselben Link in einem anderen Browser: Chrome oder Edge ab Version 85, Firefox ab 90 und Safari ab 15 sind geeignet.",
      setting: "Web Audio fehlt ihm oder ist ausgeschaltet, wie im Blockierungsmodus von iPhones. Bitte öffnen Sie denselben Link in einem anderen Browser: Aktuelle Versionen von Chrome, Edge, Firefox oder Safari sind geeignet.",
      broken: "Ein Teil dieser Seite ist nicht angekommen.",
      network: "Bitte prüfen Sie das Netz und laden Sie die Seite noch einmal.",
      reload: "Neu laden"
    }
  };
  /** @type {"de" | "en"} */
  var language = /^de/i.test(navigator.language || navigator.userLanguage || "") ? "de" : "en";
  var said = words[language];
  var script = document.currentScript;
  var plays = !(script && script.hasAttribute("data-silent"));

  /** @param {string} title @param {string} text @param {boolean} [reload] offers it */
  function stop(title, text, reload) {
    if (document.documentElement.hasAttribute("data-stopped")) return;
    document.documentElement.setAttribute("data-stopped", "");
    document.documentElement.lang = language;
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
    || !constructs(function () { return new EventTarget(); });
  var isSilent = plays && lacks(window, ["AudioContext", "OfflineAudioContext", "AudioBufferSourceNode", "ConstantSourceNode"]);
  if (isOld) stop(said.old, said.which);
  else if (isSilent) stop(said.silent, said.setting);

  // What cannot be asked for shows as an error before a page stands there: a syntax that is not understood, or a script
  // that did not arrive.
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
