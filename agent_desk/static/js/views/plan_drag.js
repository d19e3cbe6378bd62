/** Moving a seat of the floor plan by pointer: to a desk, or off the plan into the tray. */

const A_CLICK_PX = 5;

/**
 * `dropped(id, desk)` is told where, with null for the tray. Escape puts the seat back.
 * @param {{area: Element, grid: Element, tray: Element, target: HTMLElement,
 *   mayDrag: () => boolean, deskAt: (x: number, y: number) => object|null,
 *   dropped: (id: string, desk: object|null) => void}} view
 */
export function planDrag({ area, grid, tray, target, mayDrag, deskAt, dropped }) {
  let drag = null; // {seat, pointer, x, y, moved}

  const overTray = (x, y) => {
    const box = tray.getBoundingClientRect();
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  };

  function end() {
    if (drag === null) return;
    drag.seat.classList.remove("dragged");
    drag.seat.style.removeProperty("transform");
    target.remove();
    delete tray.dataset.over;
    drag = null;
  }

  area.addEventListener("pointerdown", (event) => {
    const seat = event.target.closest(".plan-seat");
    if (!seat || event.button !== 0 || !mayDrag()) return;
    drag = { seat, pointer: event.pointerId, x: event.clientX, y: event.clientY, moved: false };
    seat.setPointerCapture(event.pointerId);
  });
  area.addEventListener("pointermove", (event) => {
    if (drag === null || event.pointerId !== drag.pointer) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < A_CLICK_PX) return;
    drag.moved = true;
    drag.seat.classList.add("dragged");
    drag.seat.style.transform = `translate(${dx}px, ${dy}px)`;
    const desk = deskAt(event.clientX, event.clientY);
    if (desk === null) {
      target.remove();
    } else {
      target.style.gridArea = `${desk.row} / ${desk.column}`;
      if (!target.isConnected) grid.append(target);
    }
    tray.dataset.over = String(desk === null && overTray(event.clientX, event.clientY));
  });
  area.addEventListener("pointerup", (event) => {
    if (drag === null || event.pointerId !== drag.pointer) return;
    const { seat, moved } = drag;
    const desk = deskAt(event.clientX, event.clientY);
    const off = desk === null && overTray(event.clientX, event.clientY);
    end();
    if (moved && (desk !== null || off)) dropped(seat.dataset.seat, desk);
  });
  area.addEventListener("pointercancel", end);
  area.ownerDocument.addEventListener("keydown", ({ key }) => { if (key === "Escape") end(); });
}
