using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>The lengths of a pooling layer, with the windows' ends worked out once.</summary>
internal sealed class PoolGeometry
{
    private readonly (int Begin, int End)[] rows;
    private readonly (int Begin, int End)[] columns;

    public PoolGeometry(PoolWindows windows, Shape image)
    {
        (Height, Width, Channels, Window) = (image[1], image[2], image[3], windows.Window);
        rows = Ranges(windows, Height);
        columns = Ranges(windows, Width);
        CoveringRows = Covering(rows, Height);
        CoveringColumns = Covering(columns, Width);
    }

    public int Height { get; }

    public int Width { get; }

    public int Channels { get; }

    public int Window { get; }

    /// <summary>The first pixel of each window and the one after its last, down.</summary>
    public ReadOnlySpan<(int Begin, int End)> Rows => rows;

    /// <summary>The same, across.</summary>
    public ReadOnlySpan<(int Begin, int End)> Columns => columns;

    /// <summary>For each row of pixels, the windows that it lies in: the first and the one after the last.</summary>
    public (int Begin, int End)[] CoveringRows { get; }

    public (int Begin, int End)[] CoveringColumns { get; }

    private static (int Begin, int End)[] Ranges(PoolWindows windows, int length) =>
        [.. Enumerable.Range(0, windows.OutputLength(length)).Select(output => windows.Range(output, length))];

    private static (int Begin, int End)[] Covering((int Begin, int End)[] ranges, int length) =>
        [.. Enumerable.Range(0, length).Select(pixel =>
            (Array.FindIndex(ranges, range => range.End > pixel && range.Begin <= pixel) is >= 0 and int first ? first : 0,
            Array.FindLastIndex(ranges, range => range.Begin <= pixel && range.End > pixel) + 1))];
}
