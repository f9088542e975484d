namespace DropoutLab.Backends;

/// <summary>One entry of a plan's fixed list: it reads and writes buffers, and allocates nothing when it runs.</summary>
internal abstract class Kernel : IDisposable
{
    /// <summary>Every buffer that it touches.</summary>
    public abstract IEnumerable<PlanBuffer> Buffers { get; }

    /// <summary>Called once, after the buffers have got their addresses.</summary>
    public virtual void Bind()
    {
    }

    public abstract void Run();

    public virtual void Dispose()
    {
    }
}
