// A file that is dropped beside what takes files would be opened by the browser in place of the console, and what is being written
// there would be gone.

/** Called once. Whatever takes a drop has prevented its default before this hears of it. */
export function refuseStrayDrops(): void {
  const refuse = (event: DragEvent) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  };
  addEventListener("dragover", refuse);
  addEventListener("drop", refuse);
}
