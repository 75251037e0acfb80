// Cells of the tables. Text becomes a child of an element and never markup.
var dagcomponentfuncs = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

dagcomponentfuncs.CocoText = function (props) {
    return React.createElement("bdi", { className: "untrusted" }, props.value);
};

dagcomponentfuncs.CocoLink = function (props) {
    const href = props.data && props.data[props.colDef.field + "__href"];
    const text = React.createElement("bdi", { className: "untrusted" }, props.value);
    if (!href) {
        return text;
    }
    return React.createElement(window.dash_core_components.Link, { href: href }, text);
};

dagcomponentfuncs.CocoBadge = function (props) {
    if (props.value === undefined || props.value === null) {
        return null;
    }
    const tone = props.data[props.colDef.field + "__tone"] || "plain";
    return React.createElement("span", { className: "badge " + tone }, props.value);
};
