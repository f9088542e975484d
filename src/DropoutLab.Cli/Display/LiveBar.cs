using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>
/// A line on a terminal while something goes on: what it is, a bar, and figures as far as there is room. It goes when that is
/// done.
/// </summary>
internal sealed class LiveBar
{
    private const int WidthOfTexts = 76;
    private const int LargestBar = 40;
    private const int SmallestBar = 4;

    private readonly LiveDisplayContext context;
    private readonly Profile terminal;

    private LiveBar(LiveDisplayContext context, Profile terminal) => (this.context, this.terminal) = (context, terminal);

    /// <summary>Shows the line as long as the work goes on, which draws it.</summary>
    public static T Show<T>(IAnsiConsole console, Func<LiveBar, T> work) =>
        console.Live(Text.Empty).AutoClear(true).Start(context => work(new LiveBar(context, console.Profile)));

    /// <param name="name">What goes on.</param>
    /// <param name="part">How much of it is done, in [0, 1].</param>
    /// <param name="figures">The most important first.</param>
    public void Draw(string name, double part, params IEnumerable<string> figures)
    {
        int width = terminal.Width;
        LiveLine line = new LiveLine(width).Add(CellText.Ends(CellText.OnOneLine(name), width))
            .AddBar(part, Math.Clamp(width - WidthOfTexts, SmallestBar, LargestBar)).Add($" {part,4:p0}");
        foreach (string figure in figures)
            line.Add(LiveLine.Gap + figure);
        context.UpdateTarget(line.Content);
        context.Refresh();
    }
}
