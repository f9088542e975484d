namespace DropoutLab.Dashboard.Explain;

/// <summary>One of the drawings side by side in a figure.</summary>
public abstract record Panel
{
    /// <summary>In CSS pixels.</summary>
    public abstract double Width { get; }

    /// <summary>In CSS pixels.</summary>
    public abstract double Height { get; }

    /// <summary>The condition under which it is shown, as the page's script knows it; null where it always is.</summary>
    public string? When { get; init; }

    /// <summary>Whether that condition holds.</summary>
    public bool IsShown { get; init; } = true;
}
