// As the plugin Theme Manager does it, but before the page is there: the variables, and the attribute that chooses them.
(function (css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];

  function choose() {
    if (document.documentElement) {
      document.documentElement.dataset.theme = "dark";
    }
    return Boolean(document.documentElement);
  }

  if (!choose()) {
    new MutationObserver((changes, observer) => choose() && observer.disconnect()).observe(document, { childList: true });
  }
})(CSS_TEXT);
