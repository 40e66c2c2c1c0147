/**
 * Monaco and the dialogs make style elements at run time. The page's policy lets in those alone that
 * carry the page's nonce, so each one gets it when it is made. Imported first of all.
 */
const nonce = document.querySelector<HTMLElement>("meta[property=csp-nonce]")?.nonce ?? "";
const createElement = document.createElement.bind(document);

function createWithNonce(name: string, options?: ElementCreationOptions): HTMLElement {
  const element = createElement(name, options);
  if (element instanceof HTMLStyleElement) {
    element.nonce = nonce;
  }
  return element;
}

document.createElement = createWithNonce;
