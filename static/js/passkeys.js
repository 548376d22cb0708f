// Passkeys: a form with data-passkey is answered by the person's device. What the
// device is asked stands in data-options, or is fetched from data-ask when the form is
// sent; what it says goes into the field «credential», and then the form goes its way.
// The sentences for the person stand in data-text-….

const sayings = {
  NotAllowedError: "refused", // cancelled, or out of time: the browser does not say which
  AbortError: "refused",
  InvalidStateError: "known",
  SecurityError: "place",
  NotSupportedError: "unsupported",
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset?.passkey || form.elements.credential.value || event.submitter?.hasAttribute("data-plain")) return;
  event.preventDefault();
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  say(form, "waiting");
  try {
    form.elements.credential.value = JSON.stringify(await askDevice(form));
    say(form, "");
    form.requestSubmit(event.submitter);
  } catch (error) {
    say(form, sayings[error.name] ?? "failed");
  } finally {
    form.removeAttribute("aria-busy");
  }
});

// A page that comes back from the browser's memory has nothing to send again.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const field of document.querySelectorAll('form[data-passkey] [name="credential"]')) field.value = "";
});

function say(form, what) {
  form.querySelector("[data-said]").textContent = form.getAttribute(`data-text-${what}`) ?? "";
}

async function askDevice(form) {
  if (!isSecureContext) throw new DOMException("", "SecurityError");
  if (!window.PublicKeyCredential) throw new DOMException("", "NotSupportedError");
  const options = await optionsOf(form);
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: creation(options) })
      : await navigator.credentials.get({ publicKey: request(options) });
  return written(credential);
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.ask, {
    method: "POST",
    headers: { "X-CSRF-Token": form.elements.csrf.value },
  });
  if (!answer.ok) throw new Error(`nothing to ask: ${answer.status}`);
  return answer.json();
}

// Browsers of before 2025 do not read and write the JSON of WebAuthn level 3 by
// themselves.
function creation(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: options.excludeCredentials?.map(described),
  };
}

function request(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return { ...options, challenge: bytes(options.challenge), allowCredentials: options.allowCredentials?.map(described) };
}

const described = (credential) => ({ ...credential, id: bytes(credential.id) });

function written(credential) {
  if (credential.toJSON) return credential.toJSON();
  const { response } = credential;
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    answer.attestationObject = text(response.attestationObject);
    answer.transports = response.getTransports?.() ?? [];
  } else {
    answer.authenticatorData = text(response.authenticatorData);
    answer.signature = text(response.signature);
    if (response.userHandle) answer.userHandle = text(response.userHandle);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: answer,
  };
}

// base64url without padding (RFC 4648, 5).
function bytes(encoded) {
  const plain = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
