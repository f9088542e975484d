using Spectre.Console;
using Spectre.Console.Rendering;

namespace DropoutLab.Cli.Display;

/// <summary>A column of a progress bar with a text that changes.</summary>
internal sealed class TextColumn(Func<string> text) : ProgressColumn
{
    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(text());
}
