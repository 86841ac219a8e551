/* global Behaviour */
/*
 * Gives each list of commands in a report or an explanation the copy button of Jenkins, also where it comes into the
 * page later. Before what Jenkins does with its copy buttons and tooltips, so that it finds these as well.
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
