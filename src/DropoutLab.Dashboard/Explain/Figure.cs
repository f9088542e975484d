namespace DropoutLab.Dashboard.Explain;

/// <summary>A picture of the page, and a file of its own on request.</summary>
/// <param name="Name">Its identifier on the page and its file's name without the ending.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Panels">What it consists of, in reading order.</param>
public sealed record Figure(string Name, string Title, IReadOnlyList<Panel> Panels);
