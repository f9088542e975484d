using System.Globalization;
using System.Runtime.InteropServices;

namespace DropoutLab.Collectives;

/// <summary>
/// The processes that mpirun started, through Open MPI 4 or 5, found at run time and called by its C interface. Its calls come
/// from one thread at a time.
/// </summary>
public sealed unsafe class MpiCollective : ICollective, IDisposable
{
    private const string SizeVariable = "OMPI_COMM_WORLD_SIZE"; // mpirun sets it
    private const int OneThreadAtATime = 2; // MPI_THREAD_SERIALIZED
    private static readonly string[] Names = ["libmpi.so.40", "libmpi.so", "libmpi.40.dylib", "libmpi.dylib"];

    private readonly OpenMpiApi api;

    private MpiCollective(OpenMpiApi api)
    {
        this.api = api;
        int granted, rank, size;
        Check(api.InitThread(null, null, OneThreadAtATime, &granted), "MPI_Init_thread");
        Check(api.CommRank(api.World, &rank), "MPI_Comm_rank");
        Check(api.CommSize(api.World, &size), "MPI_Comm_size");
        (Rank, Size) = (rank, size);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>
    /// Joins the processes that mpirun started; null where it started none, or this one alone. Once in a process.
    /// </summary>
    /// <exception cref="DropoutLabException">It did, and Open MPI's library is not to be found.</exception>
    public static MpiCollective? Join() =>
        int.TryParse(
            Environment.GetEnvironmentVariable(SizeVariable), NumberStyles.None, CultureInfo.InvariantCulture, out int size)
        && size > 1
            ? new MpiCollective(OpenMpiApi.Load(Names))
            : null;

    /// <inheritdoc/>
    public void Sum(Span<float> numbers)
    {
        fixed (float* values = numbers)
            Check(api.Allreduce(OpenMpiApi.InPlace, values, numbers.Length, api.Float, api.Add, api.World), "MPI_Allreduce");
    }

    /// <inheritdoc/>
    public void Sum(Span<double> numbers)
    {
        fixed (double* values = numbers)
            Check(api.Allreduce(OpenMpiApi.InPlace, values, numbers.Length, api.Double, api.Add, api.World), "MPI_Allreduce");
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes)
    {
        fixed (byte* values = bytes)
            Check(api.Broadcast(values, bytes.Length, api.Byte, 0, api.World), "MPI_Bcast");
    }

    /// <summary>Ends all processes at once, this one too: for who cannot go on while others wait for it.</summary>
    /// <param name="exitCode">Whose mpirun ends with.</param>
    public void Abort(int exitCode) => api.Abort(api.World, exitCode);

    /// <summary>Leaves the processes, once all do.</summary>
    public void Dispose() => Check(api.Complete(), "MPI_Finalize");

    private static void Check(int status, string call)
    {
        if (status != 0)
            throw new DropoutLabException($"{call} failed with status {status}: look at what mpirun says of it");
    }
}

/// <summary>The functions of Open MPI's C interface, and the objects that its header's constants are addresses of.</summary>
internal sealed unsafe class OpenMpiApi
{
    public readonly delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int> InitThread;
    public readonly delegate* unmanaged[Cdecl]<int> Complete;
    public readonly delegate* unmanaged[Cdecl]<nint, int, int> Abort;
    public readonly delegate* unmanaged[Cdecl]<nint, int*, int> CommRank;
    public readonly delegate* unmanaged[Cdecl]<nint, int*, int> CommSize;
    public readonly delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int> Allreduce;
    public readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int> Broadcast;

    /// <exception cref="EntryPointNotFoundException">It is another MPI's.</exception>
    private OpenMpiApi(nint module)
    {
        nint Export(string name) => NativeLibrary.GetExport(module, name);

        InitThread = (delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int>)Export("MPI_Init_thread");
        Complete = (delegate* unmanaged[Cdecl]<int>)Export("MPI_Finalize");
        Abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Export("MPI_Abort");
        CommRank = (delegate* unmanaged[Cdecl]<nint, int*, int>)Export("MPI_Comm_rank");
        CommSize = (delegate* unmanaged[Cdecl]<nint, int*, int>)Export("MPI_Comm_size");
        Allreduce = (delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int>)Export("MPI_Allreduce");
        Broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int>)Export("MPI_Bcast");
        World = Export("ompi_mpi_comm_world");
        Float = Export("ompi_mpi_float");
        Double = Export("ompi_mpi_double");
        Byte = Export("ompi_mpi_byte");
        Add = Export("ompi_mpi_op_sum");
    }

    /// <summary>MPI_IN_PLACE.</summary>
    public static void* InPlace => (void*)1;

    /// <summary>MPI_COMM_WORLD.</summary>
    public nint World { get; }

    /// <summary>MPI_FLOAT.</summary>
    public nint Float { get; }

    /// <summary>MPI_DOUBLE.</summary>
    public nint Double { get; }

    /// <summary>MPI_BYTE.</summary>
    public nint Byte { get; }

    /// <summary>MPI_SUM.</summary>
    public nint Add { get; }

    /// <summary>Finds Open MPI.</summary>
    /// <exception cref="DropoutLabException">None of the names is a library of it.</exception>
    public static OpenMpiApi Load(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (!NativeLibrary.TryLoad(name, out nint module))
                continue;
            try
            {
                return new OpenMpiApi(module);
            }
            catch (EntryPointNotFoundException)
            {
                // Another MPI has a library of this name.
            }
        }

        throw new DropoutLabException(
            $"mpirun started this process, and Open MPI's library ({names[0]}) is not to be found: install it "
            + "(apt-get install libopenmpi3, or the like), or start without mpirun");
    }
}
