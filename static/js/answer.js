// Says what this device's clock shows when an answer is sent. The server keeps it as a claim; its own time counts.

const two = (number) => String(number).padStart(2, "0");

const clock = (now) => {
  const ahead = -now.getTimezoneOffset();
  const offset = `${ahead < 0 ? "-" : "+"}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `${day}T${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}${offset}${zone ? `[${zone}]` : ""}`;
};

for (const form of document.querySelectorAll("form[data-answer]")) {
  form.addEventListener("submit", () => {
    form.elements.namedItem("client_time").value = clock(new Date());
  });
}
