using System.Text.RegularExpressions;
using DropoutLab.Cli;
using DropoutLab.Cli.Display;
using Spectre.Console;

namespace DropoutLab.Tests.Cli;

/// <summary>A terminal of some width that remembers every line that was drawn on it.</summary>
internal sealed partial class FixedTerminal
{
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public FixedTerminal(int width)
    {
        Width = width;
        IAnsiConsole ansi = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(output),
        });
        (ansi.Profile.Width, ansi.Profile.Height, ansi.Profile.Capabilities.Unicode) = (width, 24, true);
        Console = new CommandConsole(output, error, TestContext.Current.CancellationToken, ansi, isTerminal: true);
    }

    public int Width { get; }

    public CommandConsole Console { get; }

    /// <summary>Lines without colours and movements of the cursor, each time that they were drawn.</summary>
    public IReadOnlyList<string> Lines =>
        EscapeSequence().Replace(output.ToString(), "").Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Those of live displays, which have a bar.</summary>
    public IReadOnlyList<string> LiveLines => [.. Lines.Where(line => line.Contains('━', StringComparison.Ordinal))];

    /// <summary>Runs a command that must succeed.</summary>
    public void Succeed(params IReadOnlyList<string> args) =>
        Assert.True(CommandLineApplication.Run(args, Console) == 0, error.ToString());

    /// <summary>That no line was so wide that a terminal would fold it.</summary>
    public void AssertFits(IEnumerable<string> lines) =>
        Assert.All(lines, line => Assert.True(CellText.Width(line) <= Width, $"{CellText.Width(line)} cells on {Width}: {line}"));

    [GeneratedRegex("\e\\[[0-9;?]*[A-Za-z]")]
    private static partial Regex EscapeSequence();
}
