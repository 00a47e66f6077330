// The windows on the screen, the one in front first. Their ids and places are known without any permission, their titles only with the
// one for recording the screen. Used by the script `list_windows` and by capture_screenshot.

/** Of CGWindowListCopyWindowInfo: on screen only (1), without the desktop itself (16), of all programs (0). */
export const WINDOWS = `
ObjC.import("CoreGraphics");
function work() {
  const list = ObjC.deepUnwrap(ObjC.castRefToObject($.CGWindowListCopyWindowInfo(1 | 16, 0)));
  const ordinary = list.filter((window) => window.kCGWindowLayer === 0);
  return {
    windows: ordinary.slice(0, 200).map((window) => ({
      id: window.kCGWindowNumber,
      app: window.kCGWindowOwnerName,
      title: window.kCGWindowName || null,
      x: window.kCGWindowBounds.X,
      y: window.kCGWindowBounds.Y,
      width: window.kCGWindowBounds.Width,
      height: window.kCGWindowBounds.Height,
    })),
    total: ordinary.length,
  };
}`;
