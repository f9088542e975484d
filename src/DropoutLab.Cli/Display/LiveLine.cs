using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>
/// A line of a live display: parts from left to right, as many as there is room for. A terminal folds a line that is wider, and
/// the next picture is then drawn a line too low.
/// </summary>
/// <param name="width">Of the terminal, in cells.</param>
internal sealed class LiveLine(int width)
{
    public const string Gap = "  ";

    private static readonly Style Done = new(Color.Green), ToDo = new(Color.Grey);

    private readonly Paragraph content = new();
    private int room = width;

    /// <summary>What Spectre draws.</summary>
    public Paragraph Content => content;

    /// <summary>Adds a part, or, where there is no room for it, neither it nor what comes after it.</summary>
    public LiveLine Add(string text, Style? style = null)
    {
        if (Take(CellText.Width(text)))
            content.Append(text, style);
        return this;
    }

    /// <summary>Adds the bar of a part in [0, 1].</summary>
    public LiveLine AddBar(double part, int cells)
    {
        if (!Take(Gap.Length + cells))
            return this;
        int full = (int)(Math.Clamp(part, 0, 1) * cells);
        content.Append(Gap).Append(new string('━', full), Done).Append(new string('━', cells - full), ToDo);
        return this;
    }

    private bool Take(int cells)
    {
        room = room >= cells ? room - cells : -1;
        return room >= 0;
    }
}
