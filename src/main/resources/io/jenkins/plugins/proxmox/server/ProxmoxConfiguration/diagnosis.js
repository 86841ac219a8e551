/* global Behaviour */
/*
 * Adds the copy button of Jenkins to each list of commands in a report or an explanation, even if the page loads it
 * later. Runs before Jenkins sets up its own copy buttons and tooltips, so that Jenkins sets up these too.
 */
Behaviour.specify(".proxmox-report pre, .proxmox-diagnosis pre", "proxmox-commands", -100, (commands) => {
  const template = document.getElementById("proxmox-copy");
  if (!template || commands.parentElement.classList.contains("proxmox-commands")) {
    return;
  }
  const copy = template.content.cloneNode(true);
  copy.querySelector("button").setAttribute("text", commands.textContent);
  const around = document.createElement("div");
  around.className = "proxmox-commands";
  commands.replaceWith(around);
  around.append(commands, copy);
});
