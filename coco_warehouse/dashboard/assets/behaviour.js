// The theme that was chosen, before anything is drawn; the Enter key on cells that hold a link; search without a reload.
(function () {
    const root = document.documentElement;
    const order = ["system", "light", "dark"];

    function chosen() {
        try {
            return localStorage.getItem("coco-theme") || "system";
        } catch (error) {
            return "system";
        }
    }

    function apply(theme) {
        if (theme === "system") {
            root.removeAttribute("data-theme");
        } else {
            root.setAttribute("data-theme", theme);
        }
        const button = document.getElementById("theme");
        if (button) {
            button.textContent = "Theme: " + theme;
        }
    }

    function go(href) {
        window.history.pushState({}, "", href);
        window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
        window.scrollTo(0, 0);
    }

    apply(chosen());

    document.addEventListener("click", function (event) {
        if (event.target.id === "theme") {
            const next = order[(order.indexOf(chosen()) + 1) % order.length];
            try {
                localStorage.setItem("coco-theme", next);
            } catch (error) {
                // Without storage the choice lasts for this page.
            }
            apply(next);
        }
    });

    document.addEventListener("submit", function (event) {
        if (event.target.getAttribute("role") === "search") {
            event.preventDefault();
            const name = event.target.querySelector("input").value.trim();
            if (name) {
                go("/search?q=" + encodeURIComponent(name));
            }
        }
    });

    document.addEventListener("keydown", function (event) {
        const cell = document.activeElement;
        if (event.key === "Enter" && cell && cell.classList.contains("ag-cell")) {
            const link = cell.querySelector("a");
            if (link) {
                link.click();
            }
        }
    });

    function markPage() {
        const path = window.location.pathname;
        document.querySelectorAll(".nav-link").forEach(function (link) {
            if (link.getAttribute("href") === path) {
                link.setAttribute("aria-current", "page");
            } else {
                link.removeAttribute("aria-current");
            }
        });
    }

    new MutationObserver(function () {
        const button = document.getElementById("theme");
        if (button && button.textContent === "Theme") {
            apply(chosen());
        }
        markPage();
    }).observe(root, { childList: true, subtree: true });
})();
