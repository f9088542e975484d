namespace DropoutLab.Dashboard.Charts;

/// <summary>Charts that belong together: side by side where there is room, and in two columns as a file.</summary>
/// <param name="Name">Its identifier on the page and its file's name without the ending.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Charts">In reading order.</param>
public sealed record ChartFigure(string Name, string Title, IReadOnlyList<LineChart> Charts);
